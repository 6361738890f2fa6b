"""Names of the runtimes that a bundle supports, as its programs spell them."""

INT8 = "onnxruntime-int8"
EXACT = ("onnxruntime", "numpy", "c", "torch")  # runtimes that reproduce torch's logits to 1e-5
MISSING = 3  # exit status of device/runtimes.py if a runtime is not installed
