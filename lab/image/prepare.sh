#!/bin/sh
# First-boot work, done once when the image is made. Runs outside the new system (sh -c TEXT sh FOLDER), as root or as
# root of a user namespace; so it must not need more than chroot.
set -eu
root=$1

# Every machine makes its own. Empty, not absent: absent would be systemd's "first boot", which presets every unit.
: > "$root/etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id" "$root"/etc/ssh/ssh_host_*_key "$root"/etc/ssh/ssh_host_*_key.pub
rm -f "$root/etc/hostname" "$root/etc/resolv.conf" "$root/var/lib/systemd/random-seed"
printf '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n' > "$root/etc/hosts"

chroot "$root" ldconfig
chroot "$root" journalctl --update-catalog
# Python's own modules are compiled by their package; ours are not, and a machine's disk is copied on write.
chroot "$root" python3 -m compileall -q /usr/lib/python3 /usr/lib/frr || true

# The lab reads the journal while the machine runs; nothing of it needs to survive a power cut.
mkdir -p "$root/etc/systemd/journald.conf.d"
printf '[Journal]\nStorage=volatile\nRuntimeMaxUse=16M\n' > "$root/etc/systemd/journald.conf.d/lab.conf"
rm -rf "$root/var/log/journal"

# A release enables the daemons it configures: unconfigured, they would only slow the boot.
chroot "$root" systemctl disable frr.service strongswan.service

chroot "$root" dpkg-query -W > "$root/usr/share/trunkline-lab-packages.txt"
rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/doc/* "$root"/usr/share/man/*
rm -rf "$root"/usr/share/locale/* "$root"/usr/lib/udev/hwdb.d/* "$root"/usr/lib/udev/hwdb.bin "$root"/etc/ssh/moduli
rm -rf "$root"/tmp/* "$root"/run/* "$root"/var/tmp/*

# Last: tells the units that catch up after an update that /etc and /var are as new as /usr. Debian 12's systemd has
# neither the program nor the units.
[ ! -x "$root/usr/lib/systemd/systemd-update-done" ] || chroot "$root" /usr/lib/systemd/systemd-update-done
