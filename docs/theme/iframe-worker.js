// A page that is opened as a file may not start a worker, which the search is. There a hidden frame does its work.
"use strict";
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(address) {
      super();
      this.frame = document.body.appendChild(document.createElement("iframe"));
      this.frame.hidden = true;
      window.addEventListener("message", (event) => {
        if (event.source === this.frame.contentWindow) {
          this.dispatchEvent(new MessageEvent("message", { data: event.data }));
          this.onmessage?.(event);
        }
      });
      const page = this.frame.contentDocument;
      page.open();
      page.write(`<script>postMessage = (data) => parent.postMessage(data, "*")</script><script src="${address}"></script>`);
      page.close();
    }
    postMessage(data) {
      this.frame.contentWindow.dispatchEvent(new MessageEvent("message", { data }));
    }
    terminate() {
      this.frame.remove();
    }
  };
}
