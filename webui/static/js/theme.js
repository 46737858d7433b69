// Runs before the first paint, so that a chosen theme does not flash. A classic script: modules come too late.
try {
  const { theme } = JSON.parse(localStorage.getItem("lanchat.preferences") ?? "{}");
  if (theme === "light" || theme === "dark") document.documentElement.dataset["theme"] = theme;
} catch {
  // Nothing chosen, or nothing kept: the system decides.
}
