#!/bin/sh
# Every daemon and tool that the gateway's program calls: it notes the call, and a load copies what is in place to
# run/loaded, so that a test compares what "runs" with what lies there. The word `poison` in a file is refused.
run=$TRUNKLINE_ROOT/run
etc=$TRUNKLINE_ROOT/etc
name=${0##*/}
mkdir -p "$run/loaded" "$run/active"
echo "$name $*" >> "$run/calls"
# What a test has this very call print.
said=$run/said/$(echo "$name $*" | tr ' /' '__')
if [ -e "$said" ]; then
  cat "$said"
  exit 0
fi

load() {
  if [ -e "$etc/$2" ]; then cp "$etc/$2" "$run/loaded/$1"; else rm -f "$run/loaded/$1"; fi
}
start() {
  touch "$run/active/$1"
  case $1 in
    strongswan) load swanctl.conf swanctl/conf.d/trunkline.conf ;;
    frr) load frr.conf frr/frr.conf ;;
    nftables) load nftables.conf nftables.conf ;;
  esac
}

case "$name $*" in
  "systemctl is-active -q "*)
    unit=${3%.service}
    [ -e "$run/active/$unit" ]
    ;;
  "systemctl restart "*)
    shift
    for unit; do start "${unit%.service}"; done
    ;;
  "systemctl "*" disable --now "*)
    for word; do unit=${word%.service}; done
    rm -f "$run/active/$unit"
    case $unit in
      strongswan) rm -f "$run/loaded/swanctl.conf" ;;
      frr) rm -f "$run/loaded/frr.conf" ;;
      nftables) rm -f "$run/loaded/nftables.conf" ;;
    esac
    ;;
  "systemctl reload ssh") ;;
  "systemctl show "*)
    [ -e "$run/active/${2%.service}" ] && echo ActiveState=active || echo ActiveState=inactive
    echo ActiveEnterTimestampMonotonic=1
    echo "NRestarts=$(cat "$run/restarts" 2> /dev/null || echo 0)"
    ;;
  "systemctl reset-failed "*) rm -f "$run/restarts" ;;
  "systemctl kill --signal=SIGKILL strongswan.service") rm -f "$run/charon-hangs" ;;
  "swanctl --stats") [ ! -e "$run/charon-hangs" ] || exec tail -f /dev/null ;;
  "swanctl --load-conns")
    if grep -q poison "$etc/swanctl/conf.d/trunkline.conf"; then
      echo "loading connection 'a~b' failed: invalid value for: proposals, config discarded" >&2
      exit 1
    fi
    load swanctl.conf swanctl/conf.d/trunkline.conf
    ;;
  "swanctl --list-conns"*) sed -n 's/^  \([a-z]*~[a-z]*\) {$/list-conn event {\1 {version=IKEv2}}/p' "$run/loaded/swanctl.conf" ;;
  "vtysh -C -f "*)
    if grep -q poison "$3"; then
      echo "line $(grep -n poison "$3" | cut -d: -f1): % Unknown command[4]: poison"
      exit 2
    fi
    ;;
  "vtysh "*) echo "{}" ;;
  "frr-reload.py --reload "*)
    if [ -e "$run/bgpd-dies" ]; then
      echo "bgpd is not running" >&2
      exit 1
    fi
    load frr.conf frr/frr.conf
    ;;
  "nft -f "*) load nftables.conf nftables.conf ;;
  "ip -json "*) echo "[]" ;;
  "ip -batch -") cat > /dev/null ;;
  "dpkg-query "*)
    shift 3
    for package; do echo "ii  $package"; done
    ;;
esac
