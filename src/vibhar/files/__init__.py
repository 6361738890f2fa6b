"""Write files atomically, check them, download them and unpack archives."""
