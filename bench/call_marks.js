// Marks the moments of a call in a page, LanChat's or the bare one: the first of each kind since `callMarks` was made
// anew, in ms of the clock that all pages share. What the page does is not changed.

(() => {
  const { mediaDevices } = navigator;
  if (!mediaDevices) return; // a page that is still empty

  const seen = new EventTarget();
  const mark = (name) => {
    window.callMarks[name] ??= performance.timeOrigin + performance.now();
    seen.dispatchEvent(new Event(name));
  };
  window.callMarks = {};
  window.whenMarked = (name) =>
    new Promise((resolve) => {
      if (name in window.callMarks) resolve();
      else seen.addEventListener(name, () => resolve(), { once: true });
    });

  addEventListener("click", () => mark("accept"), true);

  const open = mediaDevices.getUserMedia.bind(mediaDevices);
  mediaDevices.getUserMedia = async (constraints) => {
    window.callConstraints = constraints;
    const stream = await open(constraints);
    mark("devices");
    return stream;
  };

  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) {
      super(configuration);
      const watch = (state, value, name) =>
        this.addEventListener(`${state.toLowerCase()}change`, () => this[state] === value && mark(name));
      watch("signalingState", "have-local-offer", "offer");
      watch("signalingState", "stable", "answer");
      watch("iceConnectionState", "connected", "ice");
      watch("connectionState", "connected", "dtls");
    }
  };

  const { get, set } = Object.getOwnPropertyDescriptor(HTMLMediaElement.prototype, "srcObject");
  Object.defineProperty(HTMLMediaElement.prototype, "srcObject", {
    get,
    set(stream) {
      set.call(this, stream);
      if (stream && this.dataset.role === "remote-camera") this.requestVideoFrameCallback(() => mark("picture"));
    },
  });
})();
