"""The published prompts for listwise generation, by name."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from irloom.rerankers.comparators.list_prompt import BOTH, ListPrompt

_RANK_GPT: Final = ListPrompt(
    body="[{id}] {text}",
    system="You are RankGPT, an intelligent assistant that can rank passages based on their relevancy to the query.",
    before="I will provide you with {n} passages, each indicated by number identifier []. \n"
    "Rank the passages based on their relevance to query: {query}.",
    accepted="Okay, please provide the passages.",
    received="Received passage [{id}].",
    after="Search Query: {query}. \nRank the {n} passages above based on their relevance to the search query. "
    "The passages should be listed in descending order using identifiers. The most relevant passages should be listed first. "
    "The output format should be [] > [], e.g., [1] > [2]. Only response the ranking results, do not say any word or explain.",
    dropped="Title: Content: ",
)

_RANK_ZEPHYR: Final = ListPrompt(
    system="You are RankLLM, an intelligent assistant that can rank passages based on their relevancy to the query",
    before="I will provide you with {n} passages, each indicated by a numerical identifier []. "
    "Rank the passages based on their relevance to the search query: {query}.\n",
    after="Search Query: {query}.\nRank the {n} passages above based on their relevance to the search query. "
    "All the passages should be included and listed using identifiers, in descending order of relevance. "
    "The output format should be [] > [], e.g., [2] > [1], Answer concisely and directly and only respond with the ranking results, "
    "do not say any word or explain.",
)

_LRL: Final = ListPrompt(
    body='PASSAGE{id} = "{text}"\n',
    before="Sort the list PASSAGES by how good each text answers the QUESTION (in descending order of relevancy).\n",
    after='QUESTION: "{query}"\nPASSAGES: {ids}\nSort the PASSAGES by their relevance to the Query. '
    "The answer should be a sorted list of PASSAGE ids (e.g., [PASSAGE2, ..., PASSAGE1]). "
    "Do not include any additional words or explanations.\nSORTED_PASSAGES =",
    item="PASSAGE{id}",
    comma=", ",
    opening="[",
    closing="]",
)

_APEER: Final = ListPrompt(
    system="As RankGPT, your task is to evaluate and rank unique passages based on their relevance and accuracy to a given query. "
    "Prioritize passages that directly address the query and provide detailed, correct answers. "
    "Ignore factors such as length, complexity, or writing style unless they seriously hinder readability.",
    before="In response to the query: [querystart] {query} [queryend], rank the passages. "
    "Ignore aspects like length, complexity, or writing style, and concentrate on passages that provide a comprehensive understanding "
    "of the query. Take into account any inaccuracies or vagueness in the passages when determining their relevance.\n",
    after="Given the query: [querystart] {query} [queryend], produce a succinct and clear ranking of all passages, from most to least "
    "relevant, using their identifiers. The format should be [rankstart] [most relevant passage ID] > [next most relevant passage ID] "
    "> ... > [least relevant passage ID] [rankend]. Refrain from including any additional commentary or explanations in your ranking.",
    opening="[rankstart] ",
    closing=" [rankend]",
)

_OPEN_MODEL: Final = ListPrompt(
    body="[{id}] {text}",
    between="\n",
    before="This is an intelligent assistant that can rank passages based on their relevancy to the query.\n\n"
    "The following are {n} passages, each indicated by number identifier []. I can rank them based on their relevance to query: "
    '"{query}"\n\n',
    after='\n\nThe search query is: "{query}". I will rank the {n} passages above based on their relevance to the search query. '
    "The passages will be listed in descending order using identifiers, the most relevant passages should be listed first and the "
    "output format should be [] > [] > etc, e.g., [1] > [2] > etc. Be sure to list all {n} ranked passages and do not explain your "
    "ranking until after the list is done.",
    start=" Ranked Passages: [",
    strict=True,
)

LIST_PROMPTS: Final[Mapping[str, ListPrompt]] = {
    "rank_gpt": _RANK_GPT,
    "rank_gpt_toolkit": replace(
        _RANK_GPT, before=_RANK_GPT.before.replace(". \n", ".\n"), after=_RANK_GPT.after.replace(". \n", ".\n"), dropped=""
    ),
    "rank_vicuna": _RANK_ZEPHYR,
    "rank_zephyr": _RANK_ZEPHYR,
    "rank_zephyr_letters": replace(
        _RANK_ZEPHYR,
        before=_RANK_ZEPHYR.before.replace("a numerical", "an alphabetical"),
        after=_RANK_ZEPHYR.after.replace("[2] > [1]", "[B] > [A]"),
        letters=True,
        brackets=BOTH,
    ),
    "lrl": _LRL,
    "apeer": _APEER,
    "open_model": _OPEN_MODEL,
}
"""Prompt by name.

`rank_gpt` is the authors' multi-turn prompt, `rank_gpt_toolkit` RankLLM's, which lacks two blanks before line ends; `rank_vicuna` and
`rank_zephyr` are one prompt, in one turn; `rank_zephyr_letters` names passages by letters; `lrl` is Listwise Reranker with a Large
language model; `apeer` has the query between marks; `open_model` is the one that in-context reranking was compared with.

Paper:
    W. Sun et al., Is ChatGPT Good at Search?, EMNLP 2023 (`rank_gpt`). R. Pradeep et al., RankVicuna, arXiv 2309.15088, 2023, and
    RankZephyr, arXiv 2312.02724, 2023. X. Ma et al., Zero-Shot Listwise Document Reranking with a Large Language Model,
    arXiv 2305.02156, 2023 (`lrl`). C. Jin et al., APEER, arXiv 2406.14449, 2024. S. Chen et al., Attention in Large Language Models
    Yields Efficient Zero-Shot Re-Rankers, ICLR 2025 (`open_model`).

Differs:
    Broken encodings and curly quotes are left as they are; the toolkits mend them with ftfy. Documents' own identifiers in square
    brackets lose them under each prompt, letters as well under `rank_zephyr_letters`; the toolkit looks for digits alone, the authors
    of `rank_gpt` for none. `open_model` is put into the model's chat template; the authors write the marks of two models by hand.
"""
