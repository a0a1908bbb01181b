/** So many seconds, or until it is stopped. */
export function passed(seconds: number, stop?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, seconds * 1000);
    stop?.addEventListener("abort", done);
    if (stop?.aborted === true) done();
  });
}

/** Whoever asks a gateway again and again lets it do something else meanwhile: to boot, or to carry traffic. */
export function betweenQuestions(stop?: AbortSignal): Promise<void> {
  return passed(0.3, stop);
}
