# ---
# about: genfromtxt with names, curve_fit, result printed and written by np.savetxt and by open('w')
# style: science
# notebook: fit-spectrum.ipynb
# inputs: [spectrum.dat]
# parameters: {must_not: [popt]}
# ---
# %%
%matplotlib inline
%config InlineBackend.figure_format = 'retina'
import numpy as np
import matplotlib.pyplot as plt
from scipy.optimize import curve_fit
# %%
s = np.genfromtxt('spectrum.dat', delimiter=',', names=True, skip_header=1)
s.dtype.names
# %%
def two_gauss(x, a1, m1, s1, a2, m2, s2):
    return a1 * np.exp(-(x - m1)**2 / (2 * s1**2)) + a2 * np.exp(-(x - m2)**2 / (2 * s2**2))

p0 = [4, 515, 10, 2, 615, 15]
popt, pcov = curve_fit(two_gauss, s['wavelength'], s['counts'], p0=p0)
perr = np.sqrt(np.diag(pcov))
for v, e in zip(popt, perr): print(f'{v:9.3f} ± {e:.3f}')
# %%
plt.plot(s['wavelength'], s['counts'], '.', ms=3)
plt.plot(s['wavelength'], two_gauss(s['wavelength'], *popt))
plt.savefig('fit.png')
# %%
np.savetxt('fit_params.txt', np.c_[popt, perr], header='value error')
with open('report.txt', 'w') as f:
    f.write('peak 1 at %.2f nm\n' % popt[1])
    f.write('peak 2 at %.2f nm\n' % popt[4])
