import { LabError } from "../client/client";

/**
 * Ends tcpdump in order when its standard input ends, so that packets which have passed are still written: a signal ends
 * it whatever the kernel still holds for it, and only a tcpdump that sleeps has read all.
 */
const script = `tcpdump "$@" & p=$!
cat > /dev/null
while grep -q 'State:.R' /proc/$p/status 2> /dev/null; do sleep 0.01; done
kill -TERM $p
wait $p`;

/** @param filter in tcpdump's language (pcap-filter(7)) */
export function captureCommand(device: string, filter: string): string[] {
  if (filter.startsWith("-")) throw new LabError("BadFilter", `a capture filter is no option: ${filter}`);
  const expression = filter.trim() === "" ? [] : [filter];
  const options = ["-n", "-U", "--immediate-mode", "-B", "8192", "-Z", "root", "-i", device, "-w", "-"];
  return ["sh", "-c", script, "sh", ...options, ...expression];
}
