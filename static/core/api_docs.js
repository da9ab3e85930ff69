// The API described and tried out. What is tried is sent with the session of who looks, so it carries the proof of forms.
"use strict";

const page = document.getElementById("api");
SwaggerUIBundle({
  url: page.dataset.schema,
  domNode: page,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  requestInterceptor: (request) => {
    request.headers["x-csrf-token"] = page.dataset.token;
    return request;
  },
});
