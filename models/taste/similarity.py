"""Similarity: which items speak for which, by cosine or by EASE^R."""

from typing import Any

import numpy as np
from scipy import linalg, sparse

from models.tables import Floats

REASONS = 30
"""Items that may speak for an item: as few are as good on a real shop, and make small exports."""


def similarity(owned: Any, name: str) -> Any:
    """Return a matrix by its name, `cosine` or `ease_` and a ridge, its strongest alone."""
    if name == "cosine":
        return strongest(cosine(owned))
    return strongest(ease(owned, float(name.removeprefix("ease_"))))


def cosine(owned: Any) -> Floats:
    """Return the cosine of items over customers (items, items); the diagonal is 0."""
    together = (owned.T @ owned).toarray().astype(np.float64)
    length = np.sqrt(np.maximum(together.diagonal(), 1.0))
    together /= length[:, None] * length
    np.fill_diagonal(together, 0.0)
    return np.asarray(together)


def ease(owned: Any, ridge: float) -> Floats:
    """Return the weights by which items foretell items (items, items); the diagonal is 0.

    Source: Steck 2019, Embarrassingly Shallow Autoencoders for Sparse Data.
    """
    gram = (owned.T @ owned).toarray().astype(np.float64)
    gram[np.diag_indices_from(gram)] += ridge
    factor, _ = linalg.lapack.dpotrf(gram, lower=1, overwrite_a=1)
    half, _ = linalg.lapack.dpotri(factor, lower=1, overwrite_c=1)
    inverse = np.tril(half) + np.tril(half, -1).T
    weights = inverse / -inverse.diagonal()
    np.fill_diagonal(weights, 0.0)
    return np.asarray(weights)


def strongest(weights: Floats) -> Any:
    """Return the weights as a sparse matrix, the REASONS highest above 0 for each item alone."""
    if not len(weights):
        return sparse.csr_matrix(weights.shape)
    kept = min(REASONS, len(weights))
    rows = np.argpartition(-weights, kept - 1, axis=0)[:kept]
    columns = np.broadcast_to(np.arange(weights.shape[1]), rows.shape)
    values = np.take_along_axis(weights, rows, axis=0)
    above = values > 0
    chosen = (values[above], (rows[above], columns[above]))
    return sparse.csr_matrix(chosen, shape=weights.shape)
