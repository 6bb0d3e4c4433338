// Connects the terminal of textual-serve with this page's own server, and says why a visit has ended.
"use strict";

const Plain = window.WebSocket;
window.WebSocket = class extends Plain {
  constructor(...address) {
    super(...address);
    this.addEventListener("close", (event) => {
      const why = event.reason || (event.wasClean ? "The debugger was closed." : "The connection was lost.");
      document.getElementById("why").textContent = why;
      setTimeout(() => document.getElementById("again").focus()); // once it is shown
    });
  }
};

document.addEventListener("DOMContentLoaded", () => {
  const address = new URL("visit", window.location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  address.search = "";
  document.getElementById("terminal").dataset.sessionWebsocketUrl = address.href;
  document.getElementById("again").addEventListener("click", () => window.location.reload());
  // Keys reach the debugger at once, without a click before.
  new MutationObserver((_, observer) => {
    if (document.body.classList.contains("-first-byte")) {
      observer.disconnect();
      document.querySelector(".xterm-helper-textarea")?.focus();
    }
  }).observe(document.body, { attributes: true, attributeFilter: ["class"] });
});
