# The figures. Each is a target of its own: `snakemake --cores 8 figure5`.


rule make_figure5:
    input:
        metrics=runs("figure5"),
    output:
        png=report(
            f"{EXPERIMENT}/figures/figure5.png",
            category="5.3 Comparison on UCF101",
            caption="../report/figure5.rst",
        ),
        pdf=f"{EXPERIMENT}/figures/figure5.pdf",
    log:
        f"logs/{config['experiment']}/figure5.log",
    localrule: True
    params:
        settings=figure5_settings,
        code=code("figure5"),
    shell:
        "python -m vibhar.stages.figure5 --metrics {input.metrics:q} --png {output.png:q} --pdf {output.pdf:q}"
        " --settings {params.settings:q} > {log} 2>&1"


rule figure5:
    input:
        rules.make_figure5.output,
