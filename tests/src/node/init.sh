#!/bin/bash
# Process 1 of a node: in network, mount and process namespaces of its own it runs containerd, kube-proxy and kubelet.
# When one of them ends, the node ends, and the kernel ends all that ran on it.
# Takes NODE (its folder), NODE_NAME, NODE_IP, PODS (every node's pod addresses), TOOLS (the folder of programs).
set -eu
export PATH=$TOOLS:$PATH

mount --make-rshared /
mount -t proc proc /proc
mount -t tmpfs tmpfs /run
ip link set lo up
: > "$NODE/namespaces-ready"
until ip -4 address show eth0 2> /dev/null | grep -q "$NODE_IP/"; do sleep 0.02; done
echo 1 > /proc/sys/net/ipv4/ip_forward

containerd --config "$NODE/containerd.toml" > "$NODE/containerd.log" 2>&1 &
until [ -S "$NODE/containerd.sock" ]; do sleep 0.05; done
kube-proxy --kubeconfig "$NODE/kube-proxy.kubeconfig" --cluster-cidr "$PODS" --hostname-override "$NODE_NAME" \
  --proxy-mode iptables --conntrack-max-per-core 0 --metrics-bind-address 127.0.0.1:10249 > "$NODE/kube-proxy.log" 2>&1 &
kubelet --config "$NODE/kubelet.json" --kubeconfig "$NODE/kubelet.kubeconfig" --root-dir "$NODE/kubelet" \
  --hostname-override "$NODE_NAME" --node-ip "$NODE_IP" > "$NODE/kubelet.log" 2>&1 &
wait -n
