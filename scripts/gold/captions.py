"""Makes captions.json: tokens and scores of pycocoevalcap 1.2 for captions that test the rules.

Usage: python3 scripts/gold/captions.py, with java and `pip install --no-deps pycocoevalcap numpy`.
"""
import json, pathlib, random
import pycocoevalcap.bleu.bleu as bleu
from pycocoevalcap.cider.cider import Cider
from pycocoevalcap.rouge.rouge import Rouge
from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

here = pathlib.Path(__file__)
texts = here.with_name("captions.txt").read_text().splitlines()
tokens = PTBTokenizer().tokenize({i: [{"caption": t}] for i, t in enumerate(texts)})


def scores(pairs):
    references = {i: r for i, (_, r) in enumerate(pairs)}
    hypotheses = {i: [h] for i, (h, _) in enumerate(pairs)}
    corpus, items = bleu.Bleu(4).compute_score(references, hypotheses, verbose=0)
    rouge, rouges = Rouge().compute_score(references, hypotheses)
    cider, ciders = Cider().compute_score(references, hypotheses)
    return {
        "pairs": pairs,
        "bleu": corpus,
        "bleuItems": items[3],
        "rougeL": float(rouge),
        "rougeLItems": rouges.tolist(),
        "cider": float(cider),
        "ciderItems": ciders.tolist(),
    }


rng = random.Random(2)
vocabulary = "a man dog on the beach red ball with two in park riding horse near".split()


def sentence(low=1):
    return " ".join(rng.choices(vocabulary, k=rng.randint(low, 14)))


def near(text):
    words = text.split()
    words[rng.randrange(len(words))] = rng.choice(vocabulary)
    return " ".join(words[: rng.randint(1, len(words))] + rng.choices(vocabulary, k=rng.randint(0, 3)))


corpora = []
for images in (1, 2, 12):
    pairs = []
    for _ in range(images):
        references = [sentence(3) for _ in range(rng.randint(1, 5))]
        pairs.append([near(rng.choice(references)), references])
    corpora.append(scores(pairs))
corpora.append(scores([["a dog", ["a dog on the beach"]], ["", ["two men"]], ["red red red red", ["red ball red", "a red"]]]))
corpora.append(scores([["no word here matches", ["a dog on the beach"]], ["x", ["y z", "x"]]]))
out = here.with_name("captions.json")
out.write_text(json.dumps({"tokens": [[t, tokens[i][0]] for i, t in enumerate(texts)], "corpora": corpora}, ensure_ascii=False))
