# The size of the cache of flow and features, and a command to empty it.


rule clear_cache:
    log:
        "logs/clear_cache.log",
    localrule: True
    shell:
        "python -m vibhar.stages.upkeep.clear_cache --results results 2>&1 | tee {log}"


onsuccess:
    trim_cache()
