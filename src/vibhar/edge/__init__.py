"""Small networks on small machines: a Raspberry Pi, or a stand-in for one."""
