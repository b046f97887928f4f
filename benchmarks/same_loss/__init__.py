"""The same loss twice, on real reviews, through the real driver: what is said of a difference that is not there?

seedwise run benchmarks/same_loss/same_loss_a.yaml --set data.path=path/to/aclImdb
seedwise run benchmarks/same_loss/same_loss_b.yaml --set data.path=path/to/aclImdb
python -m benchmarks.same_loss
"""
