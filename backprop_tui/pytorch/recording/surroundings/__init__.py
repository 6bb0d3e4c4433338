"""What is around a training: several processes, a gradient scaler, transforms, the signal that ends it."""
