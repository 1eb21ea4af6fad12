"""Makes benchmarks.json: what the official code of GPT4Tools, HallusionBench, VLMEvalKit and LLaVA says.

Usage: python3 scripts/gold/benchmarks.py FOLDER, where FOLDER holds clones named GPT4Tools (AILab-CVC), HallusionBench
(tianyi-lab), VLMEvalKit (open-compass) and LLaVA (haotian-liu). Needs `pip install --no-deps pycocoevalcap numpy`.
"""
import ast, json, pathlib, random, re, string, sys, types

folder = pathlib.Path(sys.argv[1])
rng = random.Random(3)
out = {}


def load(path, names):
    """Runs only the named top-level definitions of a file, so that its other imports are not needed."""
    tree = ast.parse((folder / path).read_text())
    named = lambda node: getattr(node, "name", None) in names or (
        isinstance(node, ast.Assign) and getattr(node.targets[0], "id", None) in names
    )
    tree.body = [node for node in tree.body if named(node)]
    import copy, os, numpy

    scope = {"re": re, "os": os, "np": numpy, "cp": copy, "string": string, "json": json, "Path": pathlib.Path}
    exec(compile(tree, path, "exec"), scope)
    return types.SimpleNamespace(**scope)


# GPT4Tools
tools = load("GPT4Tools/eval/evaluate_result.py", ["EvalTools"])
import pycocoevalcap.bleu.bleu as bleu
import numpy


class QuietBleu(bleu.Bleu):
    def compute_score(self, gts, res):
        return super().compute_score(gts, res, verbose=0)


def trace(steps, reply=None):
    lines = []
    for action, args in steps:
        lines += ["Thought: Do I need to use a tool? Yes", f"Action: {action}", f"Action Input: {args}", "Observation: x"]
    if reply is not None:
        lines += ["Thought: Do I need to use a tool? No", f"AI: {reply}"]
    return "\n".join(lines)


pool = ["Detect the Give Object", "Crop the Given Object", "Get Photo Description", "Segment"]
inputs = ["image/a.png", "image/a.png, red dog", "image/a.png, a red dog on grass", "red dog", "image/b.png, dog, cat"]
step = lambda: (rng.choice(pool), rng.choice(inputs))
traces = []
for _ in range(60):
    want = [step() for _ in range(rng.randint(0, 3))]
    got = [s if rng.random() < 0.7 else step() for s in want][: rng.randint(1, 3)] + ([step()] if rng.random() < 0.2 else [])
    reply = rng.choice([None, "done", "the dog"])
    traces.append([trace(got, reply), trace(want, "done" if not want or rng.random() < 0.5 else None)])
traces += [["", trace([], "hi")], ["AI: hi", trace([], "hi")], ["Thought: Do I need to use a tool? No", trace([], "hi")]]
traces += [["", trace([step()])], [trace([("Segment", "")]), trace([("Segment", "dog")])]]
scored = []
for prediction, expected in traces:
    one = tools.EvalTools.__new__(tools.EvalTools)
    one.thought_acc, one.action_acc, one.action_args_acc, one.acc, one.iou = [], [], [], [], []
    one.bleu_scorer, one.debug = QuietBleu(n=1), False
    one.evaluate_item(expected, prediction, 0)
    scored.append([prediction, expected, [float(x[0]) for x in (one.thought_acc, one.action_acc, one.action_args_acc, one.acc)]])
out["gpt4tools"] = scored

# HallusionBench
names = ["assign_correctness", "get_eval_fig", "get_eval_pair_all", "get_eval_pair_easy", "get_eval_pair_hard"]
names += ["yes_ratio_stats"]
hallusion = load("HallusionBench/utils.py", names)
rows = []
for category in ("VD", "VS"):
    for subcategory in ("chart", "map"):
        for set_id in range(3):
            for figure in range(3):
                for question in range(2):
                    visual = figure if category == "VS" else min(figure + 1, 2)
                    label = rng.choices("102", [0.7, 0.2, 0.1])[0]
                    rows.append({"category": category, "subcategory": subcategory, "set_id": str(set_id), "label": label,
                                 "figure_id": str(figure), "question_id": str(question), "visual_input": str(visual),
                                 "gt_answer": rng.choice("01"), "same": "1"})
data = hallusion.assign_correctness([dict(r) for r in rows], "label")
pairs, figures = hallusion.get_eval_pair_all(data, "label"), hallusion.get_eval_fig(data)
easy, hard = hallusion.get_eval_pair_easy(data), hallusion.get_eval_pair_hard(data)
bias = hallusion.yes_ratio_stats(data)
out["hallusion"] = {
    "rows": rows,
    "aAcc": sum(r["correct"] for r in data) / len(data),
    "qAcc": pairs["correct"] / pairs["total"],
    "fAcc": figures["correct"] / figures["total"],
    "easyAcc": easy["correct"] / easy["total"],
    "hardAcc": hard["correct"] / hard["total"],
    "yesBias": bias["diff"],
    "falsePositiveRatio": bias["fp"],
}

# VLMEvalKit's matching of choices
kit = load("VLMEvalKit/vlmeval/utils/matching_util.py", ["_VERBOSE_ANSWER_RE", "can_infer_option", "can_infer_text", "can_infer"])
options = ["red ball", "dog", "cat", "bird"]
words = ["A", "B", "C", "(B)", "D.", "b", "the", "answer", "is", "dog", "Cat", "red ball", "**B**", "because", "Z", "E", "it"]
answers = ["", "A", "The answer is C.", "Cannot determine the answer", "Failed to obtain answer via API. B"]
answers += [" ".join(rng.choices(words, k=rng.randint(1, 7))) for _ in range(150)]
answers += ["The answer is " + " ".join(rng.choices(words, k=rng.randint(1, 6))) for _ in range(40)]
out["choices"] = {"options": options, "answers": [[a, kit.can_infer(a, dict(zip("ABCD", options))) or "Z"] for a in answers]}

# LLaVA's extraction for ScienceQA: the loop's own lines, as one function.
source = (folder / "LLaVA/llava/eval/eval_science_qa.py").read_text()
block = source[source.index("        if pred_text in args.options:") : source.index("        pred_idx =")]
scope = {"re": re, "args": types.SimpleNamespace(options=list("ABCDE"))}
exec("def extract(pred_text):\n" + re.sub("^    ", "", block, flags=re.M) + "\n    return answer", scope)
texts = ["A", "B. x", "B.x", "C. ", "F", "", "The answer is D.", "The answer is D", "The answer is Da", " A"]
texts += ["".join(rng.choices(["A", "B. ", "The answer is ", "C.", " ", "x", "\n"], k=rng.randint(1, 6))) for _ in range(60)]
out["scienceQa"] = [[t, scope["extract"](t)] for t in texts]

pathlib.Path(__file__).with_name("benchmarks.json").write_text(json.dumps(out))
