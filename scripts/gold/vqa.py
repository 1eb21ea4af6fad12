"""Makes vqa.json: what the official VQA evaluation says about answers that test its rules.

Usage: python3.11 scripts/gold/vqa.py CHECKOUT, where CHECKOUT is a clone of https://github.com/GT-Vision-Lab/VQA.
The file there is Python 2; lib2to3 (in the standard library up to 3.12) makes it Python 3.
"""
import json, pathlib, random, re, sys
from lib2to3.refactor import RefactoringTool

source = pathlib.Path(sys.argv[1], "PythonEvaluationTools/vqaEvaluation/vqaEval.py").read_text()
tool = RefactoringTool(["lib2to3.fixes.fix_print"])
scope = {"__name__": "vqa"}
exec(compile(str(tool.refactor_string(source.rstrip() + "\n", "vqaEval.py")), "vqaEval.py", "exec"), scope)
VQAEval = scope["VQAEval"]


class Annotations:
    def __init__(self, qa):
        self.qa = qa

    def getQuesIds(self):
        return list(self.qa)


def normalise(text):
    official = VQAEval(Annotations({}), Annotations({}))
    text = text.replace("\n", " ").replace("\t", " ").strip()
    return official.processDigitArticle(official.processPunctuation(text))


def accuracy(prediction, answers):
    people = [{"answer_id": i, "answer": a} for i, a in enumerate(answers, 1)]
    truth = Annotations({1: {"answers": people, "question_type": "what", "answer_type": "other"}})
    official = VQAEval(truth, Annotations({1: {"answer": prediction}}), n=12)
    official.updateProgress = lambda _: None
    stdout, sys.stdout = sys.stdout, sys.stderr
    official.evaluate()
    sys.stdout = stdout
    return official.evalQA[1] / 100


official = VQAEval(Annotations({}), Annotations({}))
rng = random.Random(1)
texts = sorted(official.contractions) + [k.upper() for k in list(official.contractions)[:5]]
texts += [k.replace("'", "") for k in set(official.contractions.values()) if k.count("'") == 2]
texts += ["let's", "lets", "shes", "she's", "shed", "I'm", "im", "Im", "somebody'd", "'ow's'at", "twas", "y'alldve"]
texts += ["The red bus.", "10,000", "1,000 people, maybe", "Two dogs", "none", "dont", "black/white", "u.s.", "3.5"]
texts += ["3.", "t-shirt", "6:30", "$5.00", "ten-speed", "A", "yes!", "a, b", "1,000 t-shirts", "t-shirt, red", "",
          " the  ", "a\tb\nc", "." * 40, "1.2.3.", "x.5", "eleven", "Zero", "50%", "rock & roll", "#1", "it's (not)"]
marks = ";/[]\"{}()=+\\_->@<`,?!.':%$&*#"
words = ["red", "The", "two", "dont", "3", "1,000", "a", "bus", "None", "5.5", "u.s", "isnt"]
for _ in range(200):
    parts = []
    for _ in range(rng.randint(1, 4)):
        parts += [rng.choice(words), rng.choice(["", " ", rng.choice(marks), rng.choice(marks) + " ", " " + rng.choice(marks)])]
    texts.append("".join(parts))
normalised = [[t, normalise(t)] for t in dict.fromkeys(texts)]

pool = ["yes", "Yes", "yes.", "no", "2", "two", "red bus", "the red bus", "t-shirt", "10,000", "10000"]
scores = []
for k in range(11):
    scores.append(["red", ["red"] * k + ["blue"] * (9 - k) + ["green"] * (1 if k < 10 else 0), None])
scores += [["yes", ["Yes"] * 10, None], ["Yes", ["Yes"] * 10, None], [" yes\n", ["yes "] * 10, None]]
scores += [["yes", ["yes"], None], ["yes", ["yes", "no"], None], ["red", ["red", "red", "blue"], None]]
for _ in range(40):
    scores.append([rng.choice(pool), [rng.choice(pool) for _ in range(10)], None])
scores = [[p, a, accuracy(p, a)] for p, a, _ in scores]
out = pathlib.Path(__file__).with_name("vqa.json")
out.write_text(json.dumps({"normalised": normalised, "scores": scores}, ensure_ascii=False))
