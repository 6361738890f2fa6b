# The names of what is costly: each ends in a hash of all that it was made of, so that what is there is valid, no rule makes
# it again, and a config that is changed back finds it. Frames are there for a while only, by the same names.


# Whether the user wants what is there made again; Snakemake's own settings are not set while the rules are read.
FORCED = {"-F", "--forceall", "-R", "--forcerun"} & {*sys.argv}


def uncached(kind):
    """The keys of which nothing of this kind is there yet, as a pattern; all where everything is to run again."""
    there = [] if FORCED else cached_keys(Path("results"), kind)
    return f"(?!{'|'.join(there)})[0-9a-f]{{16}}" if there else "[0-9a-f]{16}"


# The keys that this call has asked for.
USED = set()


def digest(*parts):
    """A key: the hash of all parts."""
    key = hashlib.sha256(canonical(parts).encode()).hexdigest()[:16]
    USED.add(key)
    return key


def shards(pattern, key):
    """The files of all shards of a dataset, for the input of a rule that joins them."""
    count = config["data"]["shards"]

    def files(wildcards):
        keys = [key(wildcards, shard) for shard in range(count)]
        shard = [f"{number}-of-{count}-{key}" for number, key in enumerate(keys)]
        return expand(pattern, shard=shard, allow_missing=True)

    return files


def videos_key(wildcards, shard):
    """The videos of a shard: those that are rendered, or what lies in the user's own folder."""
    if "render" in dataset_of(wildcards):
        made = [render_settings(wildcards), code("data.render")]
    else:
        made = [root_of(wildcards), found_in_shards(wildcards)[int(shard)]]
    part = [int(shard), config["data"]["shards"]]
    return digest(wildcards.dataset, part, made, listing_settings(wildcards))


def frames_key(wildcards, shard):
    """Their sampled frames, and what their decoding showed."""
    decoder = [code("data.frames"), *map(installed, ("av", "decord", "decord2"))]
    settings = frames_settings(wildcards)
    return digest(videos_key(wildcards, shard), settings, decoder)


def flow_key(wildcards, shard):
    """The flow at them."""
    frames = frames_key(wildcards, shard)
    return digest(frames, flow_settings(wildcards), code("data.flow"))


def features_key(wildcards, shard):
    """The features of either. All that a key is of counts but the names of CNNs and the labels of their weights."""
    by_flow = config["cnns"][wildcards.cnn]["modality"] == "flow"
    shown = flow_key(wildcards, shard) if by_flow else frames_key(wildcards, shard)
    trunk = [features_settings(wildcards), weights_key(wildcards.cnn)]
    libraries = [installed("torch"), installed("torchvision")]
    return digest(wildcards.cnn, shown, trunk, libraries, code("features.features"))


def weights_key(cnn):
    """The weights of a trunk: made, by name, of another CNN, or in a file of the user's."""
    weights = config["cnns"][cnn]["weights"]
    if weights in config["cnns"]:
        source = weights_key(weights)
    else:
        source = weights if weights in NAMED_WEIGHTS else fingerprint_file(weights)
    return digest(trunk_settings(cnn), source, code("features.weights"))


def shown(wildcards):
    """What a trunk is shown of a shard: the frames, or the flow at them."""
    by_flow = config["cnns"][wildcards.cnn]["modality"] == "flow"
    kind, key = ("flow", flow_key) if by_flow else ("frames", frames_key)
    return f"results/{{dataset}}/{kind}/{{shard}}-of-{{shards}}-{key(wildcards, wildcards.shard)}"


def decoded(wildcards):
    """The record of a shard's decoding."""
    key = frames_key(wildcards, wildcards.shard)
    return f"results/{{dataset}}/decoded/{{shard}}-of-{{shards}}-{key}.parquet"


def first_decoded(wildcards):
    """The record of the first shard's decoding."""
    return all_decoded(wildcards)[0]


all_decoded = shards("results/{dataset}/decoded/{shard}.parquet", frames_key)
all_features = shards("results/{dataset}/features/{cnn}/{shard}.npy", features_key)


def kept(output):
    """Flow is kept, where the config wants that; it takes as much of the disk as the frames."""
    return output if config["cache"]["flow"] else temp(output)
