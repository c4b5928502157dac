"""Asks Go about all cases and records its answers. `python -m tests.gotemplate.record` after a change in `sources/`."""

from tests.gotemplate import cases, golang


def main() -> None:
    """Record all files, and drop those whose source is gone."""
    for path in cases.RECORDED:
        path.unlink()
    for source in cases.SOURCES:
        rules, questions = zip(*cases.written(source), strict=True)
        answers = golang.answers(questions)
        found = list(map(cases.Case, rules, questions, answers))
        cases.record(source, found)
        failed = sum(answer.stage is not None for answer in answers)
        print(f"{source.stem}: {len(found)} cases, {failed} of them fail in Go")


if __name__ == "__main__":
    main()
