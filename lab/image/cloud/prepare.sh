#!/bin/sh
# After ../prepare.sh, for the image that stands for Debian's own on a cloud.
set -eu
root=$1

# As the package systemd-resolved leaves it: names are its business.
ln -sf ../run/systemd/resolve/stub-resolv.conf "$root/etc/resolv.conf"
# Before the first boot there is no netplan yet that would do it.
chroot "$root" systemctl enable systemd-networkd.service
