"""From what a reranker was given as its model to a PromptModel: a folder, a hub id, a loaded model or a Generator."""

import os
from typing import TypeAlias

from irloom.core.contracts import Generator
from irloom.core.errors import BadValue
from irloom.models.decoders.decoder import Decoder
from irloom.models.loading import model_folder, read_json
from irloom.models.prompting.contract import PromptModel
from irloom.models.prompting.decoder_prompts import DecoderPrompts
from irloom.models.prompting.endpoint_prompts import EndpointPrompts
from irloom.models.prompting.seq2seq_prompts import Seq2SeqPrompts
from irloom.models.seq2seq import Seq2Seq

LanguageModel: TypeAlias = str | os.PathLike[str] | Decoder | Seq2Seq | Generator
"""What can be asked: a folder or a hub id, a loaded model, or a Generator such as an endpoint."""


def open_prompts(model: LanguageModel) -> PromptModel:
    """The model as one that can be asked; weights load at first use.

    Raises:
        BadValue: it is none of the kinds.
        ModelError: there is no such folder, or its config.json cannot be read.
    """
    if isinstance(model, str | os.PathLike):
        folder = model_folder(model, purpose="a language model")
        encoder_decoder = bool(read_json(folder / "config.json").get("is_encoder_decoder"))
        return Seq2SeqPrompts(Seq2Seq(folder)) if encoder_decoder else DecoderPrompts(Decoder(folder))
    if isinstance(model, Seq2Seq):
        return Seq2SeqPrompts(model)
    if isinstance(model, Decoder) or callable(getattr(model, "next_logits", None)):
        return DecoderPrompts(model)  # type: ignore[arg-type]  # a decoder of another making has the same methods
    if callable(getattr(model, "generate", None)):
        return EndpointPrompts(model)
    raise BadValue("model", model, "a folder, a hub id, a Decoder, a Seq2Seq or a Generator")
