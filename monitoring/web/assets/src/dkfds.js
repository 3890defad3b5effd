// The design system's own behaviour, as window.DKFDS: `DKFDS.init()` once the page is read.
import * as DKFDS from "dkfds";

window.DKFDS = DKFDS;
