// The page shown during a restore: ask again every few seconds, and open what was wanted once it is there.
"use strict";

setInterval(async () => {
  try {
    const answer = await fetch(location.href, { method: "HEAD", redirect: "manual" });
    if (answer.status !== 503) location.reload();
  } catch {
    // Nobody answers: the next time will tell.
  }
}, 3000);
