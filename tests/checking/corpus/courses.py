"""Exercises and lessons: short cells, definitions, checks of the answer."""

NOTEBOOKS = {
    "python_basics": """
# %% [markdown]
# # Lesson 2: Functions and collections
# %%
def factorial(n):
    if n <= 1:
        return 1
    return n * factorial(n - 1)

factorial(5)
# %%
squares = {n: n**2 for n in range(10) if n % 2}
evens, odds = [n for n in range(10) if n % 2 == 0], [n for n in range(10) if n % 2]
print(squares, evens, odds)
# %%
def mean(*values, digits=2):
    return round(sum(values) / len(values), digits)

mean(1, 2, 4, digits=1)
# %%
words = "the quick brown fox".split()
longest = sorted(words, key=lambda w: (len(w), w))[-1]
counts = {}
for word in words:
    for letter in word:
        counts[letter] = counts.get(letter, 0) + 1
max(counts, key=counts.get), longest
# %%
try:
    int("seven")
except ValueError as error:
    message = str(error)
finally:
    done = True
message
# %%
(a, b), *rest = [(1, 2), 3, 4]
while a < 10:
    a, b = b, a + b
else:
    print("done", rest)
""",
    "classes_and_objects": """
# %% [markdown]
# # Lesson 5: Objects
# %%
from __future__ import annotations
from dataclasses import dataclass, field
from abc import ABC, abstractmethod
from functools import cached_property, total_ordering
# %%
class Shape(ABC):
    sides = 0
    known = []

    def __init__(self, name: str):
        self.name = name
        Shape.known.append(self)

    @abstractmethod
    def area(self) -> float: ...

    def __repr__(self):
        return f"{type(self).__name__}({self.name!r}, {self.area():.1f})"

    @classmethod
    def count(cls) -> int:
        return len(cls.known)
# %%
class Square(Shape):
    sides = 4
    corner_names = [f"corner {n}" for n in range(4)]

    def __init__(self, name, side):
        super().__init__(name)
        self.side = side

    def area(self):
        return self.side ** 2

    def grow(self, factor: float) -> Square:
        return Square(self.name + "+", self.side * factor)

Square("a", 2).grow(3)
# %%
@total_ordering
@dataclass(frozen=True)
class Version:
    major: int
    minor: int = 0
    tags: tuple[str, ...] = field(default_factory=tuple)

    def __lt__(self, other: Version) -> bool:
        return (self.major, self.minor) < (other.major, other.minor)

sorted([Version(2), Version(1, 5)])
# %%
class Circle(Shape):
    def __init__(self, name, radius):
        super().__init__(name)
        self.radius = radius

    @cached_property
    def diameter(self):
        return 2 * self.radius

    def area(self):
        return PI * self.radius ** 2

PI = 3.14159
shapes = [Circle("c", 1), Square("s", 1)]
print(shapes, Shape.count())
""",
    "numpy_exercises": """
# %% [markdown]
# # NumPy exercises
# *Replace the dots. Run the checks below each exercise.*
# %%
import numpy as np
rng = np.random.default_rng(42)
# %% [markdown]
# **1.** Make a 3 by 3 matrix of ones with zeros on the diagonal.
# %%
A = np.ones((3, 3)) - np.eye(3)
assert A.sum() == 6
# %% [markdown]
# **2.** Normalize the rows of a random matrix.
# %%
M = rng.normal(size=(5, 4))
N = (M - M.mean(axis=1, keepdims=True)) / M.std(axis=1, keepdims=True)
assert np.allclose(N.mean(axis=1), 0)
# %% [markdown]
# **3.** The five largest values.
# %%
values = rng.integers(0, 100, size=50)
top = np.sort(values)[::-1][:5]
top
# %%
x = np.linspace(0, 2 * np.pi, 7)
np.c_[x, np.sin(x)]
# %%
%timeit np.dot(M, M.T)
""",
    "statistics_lab": """
# %% [markdown]
# # Lab 3: Sampling distributions
# Name:  ______
# %%
import numpy as np
from scipy import stats
import matplotlib.pyplot as plt
np.random.seed(7)
# %%
population = np.random.exponential(scale=2.0, size=10_000)
sample = np.random.choice(population, size=100, replace=False)
sample.mean(), population.mean()
# %%
means = [np.random.choice(population, 50).mean() for _ in range(500)]
plt.hist(means, bins=30, density=True, alpha=.5)
grid = np.linspace(min(means), max(means), 100)
plt.plot(grid, stats.norm(np.mean(means), np.std(means)).pdf(grid))
plt.show()
# %%
t, p = stats.ttest_1samp(sample, popmean=2.0)
print('reject' if p < 0.05 else 'do not reject')
# %%
low, high = stats.t.interval(0.95, df=len(sample) - 1, loc=sample.mean(), scale=stats.sem(sample))
print(f"{low:.2f} to {high:.2f}")
""",
    "linear_algebra": """
# %% [markdown]
# # Solving systems
# %%
from numpy import array, dot, allclose
from numpy.linalg import inv, solve, eig, norm
import numpy as np
# %%
A = np.loadtxt("data/matrix.txt")
b = array([1, 0, 2])
x = solve(A, b)
allclose(dot(A, x), b)
# %%
w, V = eig(A); w
# %%
def power_iteration(matrix, steps=50):
    v = np.ones(matrix.shape[1])
    for _ in range(steps):
        v = matrix @ v
        v /= norm(v)
    return v @ matrix @ v

power_iteration(A)
# %%
inv(A) @ A
""",
    "recursion_and_search": '''
# %% [markdown]
# # Week 6: search
# %%
import heapq
from collections import deque
from itertools import product
# %%
GRID = """
S..#
.#..
...G
""".split()
WALL, START, GOAL = "#", "S", "G"

def find(mark):
    return next((r, c) for r, row in enumerate(GRID) for c, cell in enumerate(row) if cell == mark)
# %%
def neighbours(place):
    r, c = place
    for dr, dc in product((-1, 0, 1), repeat=2):
        if abs(dr) + abs(dc) == 1 and 0 <= r + dr < len(GRID) and 0 <= c + dc < len(GRID[0]):
            if GRID[r + dr][c + dc] != WALL:
                yield r + dr, c + dc
# %%
def breadth_first(start, goal):
    frontier, came_from = deque([start]), {start: None}
    while frontier:
        current = frontier.popleft()
        if current == goal:
            break
        for following in neighbours(current):
            if following not in came_from:
                came_from[following] = current
                frontier.append(following)
    return path_to(goal, came_from)

def path_to(goal, came_from):
    path = []
    while goal is not None:
        path.append(goal)
        goal = came_from[goal]
    return path[::-1]
# %%
print(breadth_first(find(START), find(GOAL)))
# %%
def cheapest(start, goal, cost=lambda place: 1 + sum(place) % 2):
    queue, seen = [(0, start)], set()
    while queue:
        (total, place) = heapq.heappop(queue)
        if place == goal:
            return total
        if place in seen:
            continue
        seen.add(place)
        for other in neighbours(place):
            heapq.heappush(queue, (total + cost(other), other))

cheapest(find("S"), find("G"))
''',
    "gradient_descent": """
# %% [markdown]
# # Assignment 1: gradient descent
# %%
import numpy as np
import matplotlib.pyplot as plt
%matplotlib inline
%config InlineBackend.figure_format = "retina"
# %%
np.random.seed(1)
m = 50
X = np.c_[np.ones(m), np.random.rand(m)]
theta_true = np.array([4.0, 3.0])
y = X @ theta_true + np.random.randn(m) * 0.1
# %%
def cost(theta, X, y):
    residual = X @ theta - y
    return (residual @ residual) / (2 * len(y))

def descend(X, y, alpha=0.1, iterations=400):
    theta = np.zeros(X.shape[1])
    history = []
    for i in range(iterations):
        gradient = X.T @ (X @ theta - y) / len(y)
        theta -= alpha * gradient
        history.append(cost(theta, X, y))
    return theta, history
# %%
theta, history = descend(X, y)
print("theta:", theta)
# %%
plt.plot(history)
plt.xlabel("iteration"); plt.ylabel("cost")
plt.yscale("log")
""",
}
