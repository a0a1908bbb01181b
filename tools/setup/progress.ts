/** "153 MB": decimal, as Debian's and npm's tools count. */
export function formatSize(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(0)} MB`;
  return `${(bytes / 1e3).toFixed(0)} kB`;
}

/** "7 min 2 s". */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${String(whole)} s` : `${String(Math.floor(whole / 60))} min ${String(whole % 60)} s`;
}

/** Where progress goes; `columns` is undefined when nobody watches a terminal. */
export interface Screen {
  readonly write: (text: string) => void;
  readonly columns: number | undefined;
}

/** Between two lines about the same task where nobody watches. */
const plainIntervalMs = 30_000;
const liveIntervalMs = 200;

/** Several tasks at once: one live line for all of them in a terminal, else a plain line each now and then. */
export class Progress {
  private readonly tasks = new Map<string, { text: string; startedMs: number; saidMs: number }>();
  private drawnMs = 0;

  constructor(
    private readonly screen: Screen,
    private readonly nowMs: () => number = Date.now,
  ) {}

  /** A line that stays. */
  say(line: string): void {
    this.erase();
    this.screen.write(`${line}\n`);
    this.draw();
  }

  start(task: string, text: string): void {
    const now = this.nowMs();
    this.tasks.set(task, { text, startedMs: now, saidMs: now });
    if (this.screen.columns === undefined) this.screen.write(`${task}: ${text}\n`);
    else this.draw();
  }

  update(name: string, text: string): void {
    const task = this.tasks.get(name);
    if (task === undefined || task.text === text) return;
    task.text = text;
    if (this.screen.columns !== undefined && this.nowMs() - this.drawnMs >= liveIntervalMs) this.draw();
  }

  /** @param outcome "11 MB", or undefined for a task that has nothing to show */
  finish(name: string, outcome: string | undefined): void {
    const task = this.tasks.get(name);
    if (task === undefined) return;
    this.erase();
    this.tasks.delete(name);
    if (outcome !== undefined) this.screen.write(`${name}: ${outcome}, in ${this.elapsed(task.startedMs)}\n`);
    this.draw();
  }

  /** Elapsed time goes on where nothing else does; where nobody watches, a line each half minute says so. */
  tick(): void {
    const now = this.nowMs();
    if (this.screen.columns !== undefined) {
      this.draw();
      return;
    }
    for (const [name, task] of this.tasks) {
      if (now - task.saidMs < plainIntervalMs) continue;
      task.saidMs = now;
      this.screen.write(`${name}: ${task.text} (${this.elapsed(task.startedMs)})\n`);
    }
  }

  /** Leaves the live line behind. */
  stop(): void {
    this.erase();
    this.tasks.clear();
  }

  private elapsed(sinceMs: number): string {
    return formatSeconds((this.nowMs() - sinceMs) / 1000);
  }

  private erase(): void {
    if (this.screen.columns !== undefined) this.screen.write("\r\x1b[K");
  }

  private draw(): void {
    const { columns } = this.screen;
    if (columns === undefined || this.tasks.size === 0) return;
    this.drawnMs = this.nowMs();
    const line = [...this.tasks].map(
      ([name, task]) => `${name}: ${task.text} (${this.elapsed(task.startedMs)})`,
    );
    this.erase();
    this.screen.write(line.join(" · ").slice(0, Math.max(20, columns - 1)));
  }
}
