"""Forward passes over packed token sequences. The modules here import torch; they are imported when weights load."""
