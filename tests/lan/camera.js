({ png, box, size: [width, height], frames }) => {
  // What a camera sees of a part of a screen that somebody holds before it by hand: askew, a little out of focus, unevenly lit,
  // with the grain of a cheap sensor. Gives frames as base64 of their grey levels (ITU-R BT.601); the grain is always the same.
  let seed = 1;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  const light = (context) => {
    const gradient = context.createLinearGradient(0, 0, width, height);
    gradient.addColorStop(0, "#ffc6");
    gradient.addColorStop(1, "#0034");
    return gradient;
  };
  const shoot = (screen, index) => {
    const context = new OffscreenCanvas(width, height).getContext("2d");
    const scale = (0.62 * height) / box.height;
    const sway = Math.sin(index);
    context.filter = "blur(0.9px) contrast(0.75)";
    context.translate(width * 0.53 + 3 * sway, height * 0.48);
    context.transform(1, 0.03, -0.05, 1, 0, 0);
    context.rotate(0.11 + 0.02 * sway);
    context.scale(scale, scale);
    context.drawImage(screen, -(box.x + box.width / 2), -(box.y + box.height / 2));
    context.resetTransform();
    context.filter = "none";
    context.fillStyle = light(context);
    context.fillRect(0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    return Uint8ClampedArray.from({ length: width * height }, (_, pixel) => {
      const [red, green, blue] = data.subarray(4 * pixel, 4 * pixel + 3);
      return 0.299 * red + 0.587 * green + 0.114 * blue + 30 * (random() - 0.5);
    });
  };
  const base64 = (levels) => btoa(Array.from(levels, (level) => String.fromCharCode(level)).join(""));
  const bytes = Uint8Array.from(atob(png), (character) => character.charCodeAt(0));
  return createImageBitmap(new Blob([bytes])).then((screen) =>
    Array.from({ length: frames }, (_, index) => base64(shoot(screen, index))),
  );
}
