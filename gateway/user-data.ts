export interface UserDataArgs {
  /** OpenSSH public key that may push. */
  readonly pushPublicKey: string;
  /** OpenSSH private host key that pins the first connection; the first release removes it. */
  readonly bootstrapHostKey: string;
}

/**
 * User data: one POSIX shell script that makes a first push possible and does nothing else. It may run twice. It
 * touches files only, since clouds run it at different moments: whoever answers on port 22 then has the pinned key.
 */
export function renderUserData({ pushPublicKey, bootstrapHostKey }: UserDataArgs): string {
  return `#!/bin/sh
# Makes a first push possible: who may push, and a host key that the pusher knows. Everything else is a release.
set -eu
umask 077
mkdir -p /root/.ssh /etc/ssh/sshd_config.d
if ! [ -e /etc/ssh/trunkline_host_ed25519 ]; then
  cat > /etc/ssh/trunkline_bootstrap_ecdsa <<'KEY'
${bootstrapHostKey.trim()}
KEY
  printf 'HostKey /etc/ssh/trunkline_bootstrap_ecdsa\\n' > /etc/ssh/sshd_config.d/40-trunkline-bootstrap.conf
fi
cat > /root/.ssh/authorized_keys <<'KEY'
restrict ${pushPublicKey.trim()}
KEY
printf 'PermitRootLogin prohibit-password\\nPasswordAuthentication no\\n' \\
  > /etc/ssh/sshd_config.d/41-trunkline-login.conf
chmod 644 /etc/ssh/sshd_config.d/4*-trunkline-*.conf
systemctl try-reload-or-restart ssh.service
`;
}
