"""From what a command line says of a model to the judge: a decoder of this machine, or a server."""

from collections.abc import Mapping

from irloom.core.config import Builder
from irloom.core.errors import BadValue
from irloom.data.named import cache_folder
from irloom.pipelines.cache_store import CacheStore
from irloom.pipelines.cached import MAX_MB
from irloom.pipelines.judge_prompts import prompt_named
from irloom.pipelines.model_judge import ModelJudge

CACHE = "judgments.sqlite"
"""The file in irloom's cache folder that keeps what judges wrote."""


def open_judge(
    model: str,
    *,
    prompt: str = "umbrela",
    endpoint: str | None = None,
    samples: int = 1,
    max_words: int | None = None,
    settings: Mapping[str, object] | None = None,
) -> ModelJudge:
    """A judge; weights load at first use.

    Args:
        model: a folder, a hub id or a name in the cache; with an endpoint the model's name there.
        prompt: "umbrela" or "llmjudge".
        endpoint: the address of an OpenAI-compatible server, such as "http://localhost:8000/v1"; None for a model of this machine.
        samples: answers a pair, of which the commonest grade counts.
        max_words: words of a passage at most; None for all.
        settings: other arguments of `OpenAIChat` or `Decoder`, as YAML would give them.

    Raises:
        UnknownName: there is no such prompt, or no such setting.
        BadValue: several samples without a temperature, or a setting that has an option of its own.
    """
    asked, own = prompt_named(prompt), dict(settings or {})
    for key, option in (("model", "--model"), ("base_url", "--endpoint")):
        if key in own:
            raise BadValue("--set", key, f"nothing, since the option {option} gives it")
    if endpoint is None:
        if samples > 1:
            raise BadValue("samples", samples, "1: a model of this machine writes the same each time; more need an endpoint")
        node = {"decoder": {"model": model, **own}}
    else:
        if samples > 1 and own.get("temperature", 0) == 0:
            raise BadValue("samples", samples, "1 at temperature 0, where all are alike; or --set temperature=0.6")
        given = own.pop("extra", None) or {}
        if not isinstance(given, Mapping):
            raise BadValue("--set extra", given, "a mapping, such as {seed: 1}")
        node = {"openai_chat": {"model": model, "base_url": endpoint, "extra": {**asked.extra, **given}, **own}}
    generator = Builder({}, context={}, where="judge").generator(node, where="model")
    cache = CacheStore(cache_folder() / CACHE, max_mb=MAX_MB)
    return ModelJudge(generator, asked, samples=samples, max_words=max_words, cache=cache, name=model)
