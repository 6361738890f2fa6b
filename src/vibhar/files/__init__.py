"""Write files whole, check them, download them and unpack them."""
