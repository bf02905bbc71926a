// What the theme leaves without a name for those who do not see it.
"use strict";
document.querySelector('[data-md-component="search"]')?.setAttribute("aria-label", "Search");
