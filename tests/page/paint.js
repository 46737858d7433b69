// People and a desk that are painted on canvases, so that pictures of calls show somebody and are the same every time.
const rtc = (name) => new URL(`./rtc/${name}`, [...document.scripts].find(({ src }) => src.endsWith("/main.js")).src).href;

const painting = async (width, height, paint) => {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  const draw = () => paint(context, width, height);
  draw();
  const stream = canvas.captureStream(5);
  (window.__painters ??= []).push(draw);
  if (!window.__painting) {
    const again = () => {
      for (const each of window.__painters) each();
      (window.__raf ??= window.requestAnimationFrame.bind(window))(again);
    };
    window.__painting = true;
    again();
  }
  return stream;
};

const gradient = (context, width, height, ...colours) => {
  const fill = context.createLinearGradient(0, 0, width, height);
  colours.forEach((colour, index) => fill.addColorStop(index / (colours.length - 1), colour));
  return fill;
};

const person = ({ wall, skin, hair, shirt }) => (context, width, height) => {
  const [x, y, r] = [width / 2, height * 0.43, height * 0.135];
  context.fillStyle = gradient(context, width, height, ...wall);
  context.fillRect(0, 0, width, height);
  context.fillStyle = "rgb(255 255 255 / 0.10)";
  context.fillRect(width * 0.68, height * 0.1, width * 0.2, height * 0.34);
  context.fillStyle = "rgb(0 0 0 / 0.12)";
  context.fillRect(0, height * 0.82, width, height * 0.18);
  context.fillStyle = hair;
  context.beginPath();
  context.ellipse(x, y - r * 0.1, r * 1.22, r * 1.42, 0, 0, Math.PI * 2);
  context.fill();
  context.fillStyle = shirt;
  context.beginPath();
  context.ellipse(x, height * 1.04, r * 2.5, height * 0.36, 0, Math.PI, 0);
  context.fill();
  context.fillStyle = skin;
  context.fillRect(x - r * 0.36, y + r * 0.5, r * 0.72, r * 1.1);
  context.beginPath();
  context.ellipse(x, y + r * 0.1, r * 0.86, r * 1.08, 0, 0, Math.PI * 2);
  context.fill();
  context.fillStyle = hair;
  context.beginPath();
  context.ellipse(x, y - r * 0.72, r * 0.95, r * 0.55, 0, Math.PI, 0);
  context.fill();
  context.fillStyle = "#2b2230";
  for (const side of [-1, 1]) {
    context.beginPath();
    context.arc(x + side * r * 0.34, y, r * 0.085, 0, Math.PI * 2);
    context.fill();
  }
  context.strokeStyle = "#8d3f3f";
  context.lineWidth = r * 0.07;
  context.beginPath();
  context.arc(x, y + r * 0.36, r * 0.3, 0.25, Math.PI - 0.25);
  context.stroke();
};

const ada = () =>
  painting(1280, 720, person({ wall: ["#d9b48f", "#b98a6f", "#6e5a6b"], skin: "#eab995", hair: "#4a2d24", shirt: "#3c5a8c" }));
const me = () =>
  painting(640, 400, person({ wall: ["#7fa6a0", "#42656b"], skin: "#c98e66", hair: "#1f1a1d", shirt: "#d6c9a8" }));

const desk = () =>
  painting(1280, 800, (context, width, height) => {
    context.fillStyle = "#f6f7fb";
    context.fillRect(0, 0, width, height);
    context.fillStyle = "#e5e7f0";
    context.fillRect(0, 0, width, 56);
    ["#f0655b", "#f4bf4f", "#5fc454"].forEach((colour, index) => {
      context.fillStyle = colour;
      context.beginPath();
      context.arc(34 + index * 26, 28, 8, 0, Math.PI * 2);
      context.fill();
    });
    context.fillStyle = "#1d1f2b";
    context.font = "600 40px system-ui";
    context.fillText("Quarter in numbers", 80, 140);
    [0.45, 0.62, 0.5, 0.78, 0.7, 0.92].forEach((value, index) => {
      context.fillStyle = gradient(context, 0, height, "#6a6cf2", "#9a5cf0");
      context.fillRect(90 + index * 118, height - 90 - value * 430, 78, value * 430);
    });
    context.fillStyle = "#c9cddd";
    for (let line = 0; line < 9; line += 1) context.fillRect(860, 210 + line * 52, 260 + ((line * 67) % 90), 16);
  });

const flow = (role, more) => ({ role, codec: "VP8", lost: 0, packets: 1, bytes: 1, frames: 1, energy: 0, roundTrip: null, lossRate: 0, ...more });
const quality = () => ({
  mark: "good",
  roundTrip: 1.8,
  lossRate: 0,
  keys: "match",
  pair: {
    local: { address: "192.168.1.23", port: 50122, protocol: "udp", type: "host" },
    remote: { address: "192.168.1.41", port: 43310, protocol: "udp", type: "host" },
    roundTrip: 1.8,
  },
  inbound: [
    flow("camera", { width: 1920, height: 1080, framesPerSecond: 30, bitrate: 6_400_000 }),
    flow("microphone", { codec: "opus", bitrate: 96_000, width: null, height: null, framesPerSecond: null }),
  ],
  outbound: [
    flow("camera", { width: 1920, height: 1080, framesPerSecond: 30, bitrate: 7_100_000 }),
    flow("microphone", { codec: "opus", bitrate: 94_000, width: null, height: null, framesPerSecond: null }),
  ],
});
const devices = () => ({
  microphone: [{ id: "a", label: "Built-in Audio Analogue Stereo" }, { id: "b", label: "Headset" }],
  camera: [{ id: "c", label: "Integrated Camera" }, { id: "d", label: "Conference Cam" }],
  speaker: [{ id: "e", label: "Built-in Audio Analogue Stereo" }],
});

const publish = async ({ loud = false, ...live }) => {
  const { store, calls } = window.lanchat;
  for (let tries = 0; !store.state.ui.call.live?.sending.microphone && tries < 100; tries += 1) await new Promise((r) => (window.__raf ?? requestAnimationFrame)(r));
  const real = store.state.ui.call.live;
  const none = { microphone: null, camera: null, screen: null };
  const shown = { ...real, asking: false, problems: [], sending: { microphone: true, camera: Boolean(live.own?.camera), screen: false }, own: { camera: null, screen: null }, ...live, remote: { ...none, ...live.remote } };
  const dispatch = store.dispatch.bind(store);
  dispatch({ event: "ui/call", call: { live: shown } });
  // From here on the session's own news would disturb the picture.
  store.dispatch = (action) => (action.event === "ui/call" && action.call.live ? undefined : dispatch(action));
  calls.levels = () => (loud ? { own: 0.05, remote: 0.2 } : { own: 0, remote: 0 });
  for (const video of document.querySelectorAll("#call video")) if (video.srcObject && !video.hidden) await video.play().catch(() => {});
};
