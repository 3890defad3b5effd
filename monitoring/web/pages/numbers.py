"""What people call things by: the subjects that a number of an invoice, a contract or a case stands for."""

from consumers.cases.queries import Wanted, cases
from consumers.contracts.queries import contracts
from consumers.invoice_control.listing import InvoiceFilter, invoice_page
from monitoring.web.frame import Visit

CASES = "case.case-stated"
MOST = 25


def subjects_numbered(visit: Visit, number: str) -> set[str]:
    """Cases for those only who may read them; nothing for an empty number."""
    if not number:
        return set()
    wanted, sought = InvoiceFilter(about=number), number.casefold()
    invoices, _ = visit.ask("invoice_control", lambda each: invoice_page(each, visit.cvr, wanted, limit=MOST), ([], 0))
    agreed = visit.ask("contracts", lambda each: contracts(each, visit.cvr, visit.today), ())
    found = {row.subject for row in invoices if (row.number or "").casefold() == sought}
    found |= {row.id for row in agreed if row.local_id.casefold() == sought}
    if visit.may_read(CASES, "sensitive"):
        by_number = Wanted(number=number)
        found |= {
            row.id for row in visit.ask("cases", lambda each: cases(each, visit.cvr, visit.today, wanted=by_number), ())
        }
    return found
