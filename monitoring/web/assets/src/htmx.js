// htmx 4 as window.htmx, with server-sent events: `hx-sse:connect="/path"`.
import "htmx.org/dist/htmx.esm.js";
import "htmx.org/dist/ext/hx-sse.js";
