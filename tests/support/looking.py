"""What a person would see is wrong with a page: sideways scroll, cut text, words that are keys or nothing at all."""

import re
from pathlib import Path

from playwright.sync_api import Page

from monitoring.web.language import language
from tests.support.kafka.settings import repository
from tests.support.needs import missing

AXE = Path("monitoring/web/assets/node_modules/axe-core/axe.min.js")
NEVER = re.compile(r"\b(?:None|undefined|NaN)\b|\bDecimal\(|\[object Object\]|\{\w+\}")
_WORDS = re.compile(r"[a-z][\w-]*(?:\.[\w-]+)+")

_TOO_WIDE = "document.documentElement.scrollWidth - window.innerWidth"
_CUT = """() => [...document.querySelectorAll('main *, header *')].filter(each => {
    const style = getComputedStyle(each), box = each.getBoundingClientRect()
    const hides = way => ['hidden', 'clip'].includes(way)
    return box.width > 1 && box.height > 1 && each.innerText?.trim() && !each.closest('.sr-only, .process-canvas')
        && (hides(style.overflowX) && each.scrollWidth > each.clientWidth + 1
            || hides(style.overflowY) && each.scrollHeight > each.clientHeight + 1)
}).map(each => each.tagName + '.' + each.className + ': ' + each.innerText.slice(0, 60))"""


def faults(page: Page) -> list[str]:
    """What is wrong with the page as it stands; nothing when all is well."""
    found = []
    if (over := page.evaluate(_TOO_WIDE)) > 0:
        found.append(f"scrolls sideways by {over} px")
    found += [f"cut: {each}" for each in page.evaluate(_CUT)]
    shown = page.locator("body").inner_text()
    found += [f"shows {each!r}" for each in set(NEVER.findall(shown))]
    keys = language("da").texts.keys()
    found += [f"shows the key {each}" for each in set(_WORDS.findall(shown)) if each in keys]
    return found


def inaccessible(page: Page) -> list[str]:
    """What axe finds against WCAG 2.0 to 2.2, levels A and AA. The test is skipped where axe is not installed."""
    file = repository() / AXE
    if not file.exists():
        missing(f"no axe: {AXE} is not there; `npm ci` in {AXE.parents[2]} installs it")
    page.evaluate(file.read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", tags)
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:160]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
