import { readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * How a gateway is reached: the system's OpenSSH, pinned host keys, nothing of the user's own configuration. One list
 * for pushes and for questions.
 * @see ssh_config(5)
 */
export const sshOptions: readonly string[] = [
  "-F",
  "none",
  "-o",
  "BatchMode=yes",
  "-o",
  "StrictHostKeyChecking=yes",
  "-o",
  "GlobalKnownHostsFile=none",
  "-o",
  "UpdateHostKeys=no",
  "-o",
  "IdentitiesOnly=yes",
  "-o",
  "IdentityAgent=none",
  "-o",
  "ConnectTimeout=10",
  "-o",
  "ServerAliveInterval=5",
  "-o",
  "ServerAliveCountMax=6",
  "-o",
  "LogLevel=ERROR",
];

/**
 * The longest socket that OpenSSH's connection sharing takes (ssh_config(5), ControlPath): a socket's path has 107 bytes
 * (unix(7)), of which ssh keeps 17 for a name until the connection stands.
 */
const longestControlPath = 90;

/** A path that ssh can share a connection at, or `none`: each has its own then. Of % and blanks ssh makes something else. */
export function controlPath(path: string): string {
  return path.length <= longestControlPath && /^[\w./-]+$/.test(path) ? path : "none";
}

/** The environment of every script here; `TRUNKLINE_PUSH_KEY` is a secret and stands nowhere else. */
export const pushEnvironment = [
  "TRUNKLINE_ADDRESS",
  "TRUNKLINE_USER",
  "TRUNKLINE_PUSH_KEY",
  "TRUNKLINE_HOST_KEYS",
] as const;

/**
 * Common part: a private folder with the key and the known host, removed at the end; `gateway` runs a command there.
 * A new machine answers on port 22 before its user data ran, with another host key and without the push key: so
 * `again` tries to connect for a while, and what the last attempt said is what the user reads. What it runs may run twice,
 * and its answer lies in a file. `ask` does that with a program on standard input, and prints the answer.
 */
const preamble = `set -eu
umask 077
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT TERM HUP
printf '%s\\n' "$TRUNKLINE_PUSH_KEY" > "$folder/key"
printf '%s\\n' "$TRUNKLINE_HOST_KEYS" | while read -r key; do
  [ -z "$key" ] || printf '%s %s\\n' "$TRUNKLINE_ADDRESS" "$key"
done > "$folder/known_hosts"
way=none
client() {
  env -u TRUNKLINE_PUSH_KEY ssh ${sshOptions.join(" ")} -o UserKnownHostsFile="$folder/known_hosts" \\
    -o ControlMaster=auto -o ControlPersist=3 -o ControlPath="$way" -i "$folder/key" "$@"
}
gateway() { client "$TRUNKLINE_USER@$TRUNKLINE_ADDRESS" "$@"; }
# What follows goes over one connection, which this makes and the next of them ends.
connection() {
  [ ! -S "$way" ] || client -O exit "$TRUNKLINE_USER@$TRUNKLINE_ADDRESS" > /dev/null 2>&1 || true
  way=$folder/$1
  case $way in *[!A-Za-z0-9._/-]*) way=none ;; esac
  [ "\${#way}" -le ${String(longestControlPath)} ] || way=none
}
input=/dev/null
again() {
  deadline=$(($(date +%s) + \${TRUNKLINE_REACH_SECONDS:-180}))
  between=0.5
  while :; do
    code=0
    "$@" < "$input" > "$folder/answer" 2> "$folder/said" || code=$?
    # 255 is ssh's own: there was no connection, or it broke.
    [ "$code" -eq 255 ] || return "$code"
    if [ "$(date +%s)" -ge "$deadline" ]; then
      echo "cannot reach $TRUNKLINE_ADDRESS: $(cat "$folder/said")" >&2
      exit 1
    fi
    sleep "$between"
  done
}
ask() {
  cat > "$folder/program"
  input=$folder/program
  if ! again gateway "$@"; then
    cat "$folder/said" >&2
    exit "$code"
  fi
  cat "$folder/answer"
}
`;

/** Prints `{"hostKey": "ssh-ed25519 …"}`. Standard input: `gatewayProgram()`. */
export const hostkeyScript = `${preamble}ask python3 - hostkey
`;

/** Prints `{"csr": "-----BEGIN…"}`. Standard input: `gatewayProgram()`. */
export const csrScript = `${preamble}ask python3 - csr --identity "$TRUNKLINE_IDENTITY" --epoch "$TRUNKLINE_KEY_EPOCH" \\
  --algorithm "$TRUNKLINE_KEY_ALGORITHM"
`;

/** Runs the program that stands in front of a bundle, on the rest of its standard input. */
const received = `python3 -EsB -c "import base64,sys;exec(base64.b64decode(sys.stdin.readline().split()[1]))"`;

/**
 * Makes a gateway run the release `TRUNKLINE_RELEASE`: stage, apply, prove the path over a new connection, confirm.
 * Standard input: the bundle. The gateway goes back by itself when no confirmation comes. May run twice, and goes on
 * where it was cut. Exit code 3: another pusher is at it, and standard error says who.
 *
 * A pusher is named USER@HOST/PROCESS/SEAT: one that was killed on this very host, and so cannot say that it ended, is
 * known by that and makes way at once; any other's turn ends by itself.
 */
export const ensureScript = `${preamble}seat=$({ cat /proc/sys/kernel/random/boot_id && readlink /proc/self/ns/pid; } 2> /dev/null | tr -cd 'A-Za-z0-9-') || true
pusher=$(printf '%s@%s/%s/%s-%s' "$(id -un)" "$(uname -n)" "$$" "$seat" "\${folder##*.}" | tr -cd 'A-Za-z0-9._@:/-')
begun=no
connection in
leave() {
  # What the gateway does not hear runs out by itself.
  if [ "$begun" = yes ]; then
    head -n 1 "$folder/bundle" | gateway '${received}' end --pusher "$pusher" > /dev/null 2>&1 || true
  fi
  connection none
  rm -rf "$folder"
}
trap leave EXIT
program=\${TRUNKLINE_GATEWAY_ROOT:-}/var/lib/trunkline/releases/$TRUNKLINE_RELEASE/files/usr/local/sbin/trunkline-gateway
release() { gateway python3 -EsB "$program" "$@" --pusher "$pusher"; }
gone() {
  case $1 in
    */*/"$seat"-*) other=\${1#*/}; [ ! -d "/proc/\${other%%/*}" ] ;;
    *) false ;;
  esac
}
missing() {
  gateway '${received}' missing --pusher "$pusher" --clock "$(date +%s)" "$@" < "$folder/head"
}
transfer() {
  again missing || true
  if [ "$code" -eq 3 ]; then
    holder=$(sed -n 's/.*\\[\\(.*\\)\\]$/\\1/p' "$folder/said")
    if [ -n "$seat" ] && gone "$holder"; then again missing --instead-of "$holder" || true; fi
  fi
  if [ "$code" -eq 0 ]; then
    begun=yes
    {
      cat "$folder/head"
      tail -n +3 "$folder/bundle" | grep -F -f "$folder/answer" || true
    } > "$folder/lacking"
    gateway '${received}' stage --pusher "$pusher" < "$folder/lacking" > "$folder/staged" 2> "$folder/said" || code=$?
  fi
  return "$code"
}
within=\${TRUNKLINE_CONFIRM_SECONDS:-60}
cat > "$folder/bundle"
head -n 2 "$folder/bundle" > "$folder/head"
# A connection that breaks (255) costs what was on the way; the rest is there.
tries=3
until transfer; do
  tries=$((tries - 1))
  if [ "$code" -ne 255 ] || [ "$tries" -eq 0 ]; then
    cat "$folder/said" >&2
    exit "$code"
  fi
done
release apply "$TRUNKLINE_RELEASE" --confirm-within "\${within}s" < /dev/null > "$folder/applied"
# Over a new one: it shows that the release lets the next push in.
connection back
deadline=$(($(date +%s) + within - within / 3))
until release health "$TRUNKLINE_RELEASE" --clock "$(date +%s)" < /dev/null > /dev/null 2> "$folder/said"; do
  if [ "$(date +%s)" -ge "$deadline" ]; then
    release revert < /dev/null > /dev/null || true
    echo "the release was taken back: $(cat "$folder/said")" >&2
    exit 1
  fi
done
release confirm "$TRUNKLINE_RELEASE" < /dev/null
begun=no
`;

let firstContact: string | undefined;

/** What a gateway is asked before its first release, as one Python program. */
export function gatewayProgram(): string {
  firstContact ??= readFileSync(join(__dirname, "host", "first_contact.py"), "utf8");
  return firstContact;
}
