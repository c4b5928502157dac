"""What implements the ports of installations with the real parts of this appliance."""
