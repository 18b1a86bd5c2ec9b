"""Rerankers that read a decoder's attention: ICR over all heads, QRHead and CoRe heads over few, and how heads are found."""
