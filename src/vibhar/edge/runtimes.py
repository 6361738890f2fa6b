"""The runtimes that a bundle knows, by the names that its files have for them."""

INT8 = "onnxruntime-int8"
EXACT = ("onnxruntime", "numpy", "c", "torch")  # they give torch's logits to 1e-5
MISSING = 3  # how device/runtimes.py exits where a runtime is not on the machine
