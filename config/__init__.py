"""What wires the parts together: settings, addresses, servers, processes."""
