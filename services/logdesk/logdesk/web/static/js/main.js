// The pages work without any of this; each module adds one thing to them.
import "./rows.js";
import "./histogram.js";
import "./live.js";
import "./keys.js";
