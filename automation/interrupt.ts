/**
 * Ctrl-C, once: what is being made is finished and nothing new starts; twice: everything ends now, and the next run
 * repairs. SIGTERM is the first of the two.
 */
export function watchInterrupts(say: (sentence: string) => void): {
  readonly stop: AbortSignal;
  readonly stopNow: AbortSignal;
  release(): void;
} {
  const stop = new AbortController();
  const stopNow = new AbortController();
  const heard = (): void => {
    if (stop.signal.aborted) {
      say("Ending everything now. The same command repairs and goes on.");
      stopNow.abort();
      return;
    }
    say("Stopping: what has begun is finished. Ctrl-C again ends it at once.");
    stop.abort();
  };
  process.on("SIGINT", heard);
  process.on("SIGTERM", heard);
  return {
    stop: stop.signal,
    stopNow: stopNow.signal,
    release: () => {
      process.off("SIGINT", heard);
      process.off("SIGTERM", heard);
    },
  };
}
