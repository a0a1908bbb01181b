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
 * connecting is tried for a while, and what the last attempt said is what the user reads.
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
gateway() {
  env -u TRUNKLINE_PUSH_KEY ssh ${sshOptions.join(" ")} -o UserKnownHostsFile="$folder/known_hosts" \\
    -i "$folder/key" "$TRUNKLINE_USER@$TRUNKLINE_ADDRESS" "$@"
}
reach() {
  deadline=$(($(date +%s) + \${TRUNKLINE_REACH_SECONDS:-180}))
  between=0.5
  until gateway true < /dev/null 2> "$folder/said"; do
    if [ "$(date +%s)" -ge "$deadline" ]; then
      echo "cannot reach $TRUNKLINE_ADDRESS: $(cat "$folder/said")" >&2
      exit 1
    fi
    sleep "$between"
  done
}
`;

/** Prints `{"hostKey": "ssh-ed25519 …"}`. Standard input: `gatewayProgram()`. */
export const hostkeyScript = `${preamble}cat > "$folder/program"
reach
gateway python3 - hostkey < "$folder/program"
`;

/** Prints `{"csr": "-----BEGIN…"}`. Standard input: `gatewayProgram()`. */
export const csrScript = `${preamble}cat > "$folder/program"
reach
gateway python3 - csr --identity "$TRUNKLINE_IDENTITY" --epoch "$TRUNKLINE_KEY_EPOCH" \\
  --algorithm "$TRUNKLINE_KEY_ALGORITHM" < "$folder/program"
`;

/**
 * Makes a gateway run the release `TRUNKLINE_RELEASE`: stage, apply, prove the path over a new connection, confirm.
 * Standard input: the bundle. The gateway goes back by itself when no confirmation comes. May run twice.
 */
export const ensureScript = `${preamble}cat > "$folder/bundle"
reach
gateway "python3 -c 'import base64,json,os,sys,tempfile
text=sys.stdin.read()
files=json.loads(text)[\\"files\\"]
with tempfile.TemporaryDirectory() as folder:
    for path,data in files.items():
        if path.startswith(\\"/usr/local/\\"):
            os.makedirs(os.path.dirname(folder+path),exist_ok=True)
            open(folder+path,\\"wb\\").write(base64.b64decode(data))
    import subprocess
    program=folder+\\"/usr/local/sbin/trunkline-gateway\\"
    sys.exit(subprocess.run([sys.executable,program,\\"stage\\"],input=text,text=True).returncode)
'" < "$folder/bundle" > "$folder/staged"
staged=/var/lib/trunkline/releases/$TRUNKLINE_RELEASE/files/usr/local/sbin/trunkline-gateway
gateway python3 -EsB "\${TRUNKLINE_GATEWAY_ROOT:-}$staged" apply "$TRUNKLINE_RELEASE" --confirm-within 60s < /dev/null > "$folder/applied"
# A connection of its own each: it shows that the release lets the next push in.
deadline=$(($(date +%s) + 40))
until gateway python3 -EsB "\${TRUNKLINE_GATEWAY_ROOT:-}$staged" health "$TRUNKLINE_RELEASE" < /dev/null > /dev/null 2> "$folder/said"; do
  if [ "$(date +%s)" -ge "$deadline" ]; then
    gateway python3 -EsB "\${TRUNKLINE_GATEWAY_ROOT:-}$staged" revert < /dev/null > /dev/null || true
    echo "the release was taken back: $(cat "$folder/said")" >&2
    exit 1
  fi
done
gateway python3 -EsB "\${TRUNKLINE_GATEWAY_ROOT:-}$staged" confirm "$TRUNKLINE_RELEASE" < /dev/null
`;

let firstContact: string | undefined;

/** What a gateway is asked before its first release, as one Python program. */
export function gatewayProgram(): string {
  firstContact ??= readFileSync(join(__dirname, "host", "first_contact.py"), "utf8");
  return firstContact;
}
