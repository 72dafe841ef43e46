"""The pages of the documentation that are made, not written: `python -m scripts.docs_reference` writes them.

`endpoints` makes docs/reference/endpoints.md from the OpenAPI document, `console` docs/reference/console.md from the
sources of the console; `embedding` copies the files of `examples/` into the pages that name them. Tests hold the
pages equal to what is made of code and files as they are.
"""
